import { z } from 'zod'
import { defineEndpoint } from './endpoint.ts'
import { MusicBrainzState } from './genres.ts'
import { HealthResponse } from './instance.ts'
import { CONSENT_STATES, INVITE_STATES, QUOTA_HOLDS, RUN_STATES } from './lists.ts'
import { RunsResponse } from './runs.ts'
import { AppPlaces, Confirmation, EraseReceipt, next, PageQuery, PausedApp, Time } from './shapes.ts'

/** What admins see of all listeners: states and counts, never titles. */

export const AdminListener = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    isAdmin: z.boolean(),
    suspendedAt: Time.nullable(),
    app: z.string().nullable().describe('Client id of the Spotify app they signed in through'),
    isOwnApp: z.boolean(),
    consent: z.enum(CONSENT_STATES),
    consentEndsAt: Time.nullable(),
    lastPlayAt: Time.nullable(),
    lastRunState: z.enum(RUN_STATES).nullable(),
    warehouse: z.string(),
    warehouseBytes: z.number().nullable(),
    createdAt: Time,
  })
  .meta({ id: 'AdminListener' })
export type AdminListener = z.infer<typeof AdminListener>

export const AdminListenersResponse = z
  .strictObject({ listeners: z.array(AdminListener), next })
  .meta({ id: 'AdminListenersResponse' })
export type AdminListenersResponse = z.infer<typeof AdminListenersResponse>

export const ListenerChange = z.object({
  suspended: z.boolean().optional().describe('The listener can’t sign in and nothing runs for them; their data stays'),
  isAdmin: z.boolean().optional(),
})
export type ListenerChange = z.infer<typeof ListenerChange>

export const Invite = z
  .strictObject({
    id: z.string(),
    note: z.string().nullable(),
    by: z.string().nullable().describe('The admin who created it'),
    uses: z.int(),
    mostUses: z.int(),
    createdAt: Time,
    endsAt: Time,
    state: z.enum(INVITE_STATES),
  })
  .meta({ id: 'Invite' })
export type Invite = z.infer<typeof Invite>

export const InvitesResponse = z
  .strictObject({
    signUps: z.enum(['open', 'invite', 'closed']).describe('Who may sign up'),
    invites: z.array(Invite).describe('Newest first. The links themselves are not stored'),
    next,
  })
  .meta({ id: 'InvitesResponse' })
export type InvitesResponse = z.infer<typeof InvitesResponse>

export const NewInvite = z
  .strictObject({ invite: Invite, link: z.string().describe('Shown only in this response') })
  .meta({ id: 'NewInvite' })
export type NewInvite = z.infer<typeof NewInvite>

const USES = 'Enter a whole number from 1 to 100.'

export const InviteForm = z.object({
  note: z.string().trim().max(100, 'At most 100 characters.').default(''),
  mostUses: z.int(USES).min(1, USES).max(100, USES).default(1),
  days: z.number().int().min(1, 'At least 1 day.').max(90, 'At most 90 days.').default(7),
})
export type InviteForm = z.infer<typeof InviteForm>

export const SpotifyApp = z
  .strictObject({
    clientId: z.string(),
    isInstances: z.boolean(),
    owner: z.string().nullable().describe('The listener who added it'),
    developerAccount: z.string().describe('Apps of one developer account share one quota'),
    places: AppPlaces,
    paused: PausedApp.nullable(),
  })
  .meta({ id: 'SpotifyApp' })
export type SpotifyApp = z.infer<typeof SpotifyApp>

export const AdminOverviewResponse = z
  .strictObject({
    quota: z
      .array(
        z.strictObject({
          account: z.string(),
          group: z.string(),
          used: z.int().describe('Requests in the last 24 hours'),
          refused: z.int(),
          dayLimit: z.int().nullable().describe('Requests per day; null until a refusal reveals it'),
          windowLimit: z.int().nullable(),
          blockedUntil: Time.nullable(),
        }),
      )
      .describe('The instance’s developer account, and any that Spotify has refused or blocked'),
    health: HealthResponse,
    musicBrainz: MusicBrainzState,
    troubled: z
      .strictObject({
        count: z.int().describe('All of them, including those not listed'),
        listeners: z.array(
          z.strictObject({
            id: z.string(),
            name: z.string(),
            since: Time.nullable(),
            troubles: z.array(z.string()),
          }),
        ),
      })
      .describe('Listeners with open alerts, oldest first'),
    apps: z.array(SpotifyApp).describe('The instance’s app, paused apps, and the newest of the others'),
    adminsAreSet: z.boolean().describe('True if the ADMINS setting decides who is an admin'),
    audit: z.array(
      z.strictObject({
        at: Time,
        actor: z.string().nullable(),
        action: z.string(),
        subject: z.string().nullable(),
      }),
    ),
  })
  .meta({ id: 'AdminOverviewResponse' })
export type AdminOverviewResponse = z.infer<typeof AdminOverviewResponse>

export const QuotaGroup = z
  .strictObject({
    group: z.string(),
    used: z.int().describe('Requests in the last 24 hours'),
    refused: z.int(),
    usedInWindow: z.int().describe('In the last 30 s'),
    limit: z.int(),
    isKnown: z.boolean().describe('True once a refusal has revealed the limit. An estimate holds nothing back'),
    blockedUntil: Time.nullable().describe('Spotify refuses requests until then'),
    heldUntil: Time.nullable().describe(
      'Tracklake holds requests back until then, so that Spotify doesn’t refuse them',
    ),
    heldBy: z.enum(QUOTA_HOLDS).nullable().describe('reserve: what is left is reserved for recently played'),
    spentAt: Time.nullable().describe(
      'When the limit will be reached if only the schedule runs; null if not within a day',
    ),
    planned: z.int().describe('Estimated requests that a day’s schedule needs'),
    fits: z.boolean().describe('Whether a day’s schedule fits the limit; if not, spentAt is never null'),
  })
  .meta({ id: 'QuotaGroup' })
export type QuotaGroup = z.infer<typeof QuotaGroup>

export const QuotaAccount = z
  .strictObject({
    account: z.string(),
    apps: z
      .array(
        z.strictObject({
          clientId: z.string(),
          owner: z.string().nullable().describe('The listener who added it; null for the instance’s own app'),
          listeners: z.int(),
          windowLimit: z.int().nullable().describe('Requests per 30 s; null until a refusal reveals it'),
          pausedUntil: Time.nullable().describe('Everyone on this app is paused until then'),
        }),
      )
      .describe('The apps that share this quota'),
    used: z.int(),
    limit: z
      .int()
      .nullable()
      .describe(
        'Limit of all groups together; null until recently played and another group are refused at the same time',
      ),
    reserve: z.int().nullable().describe('Requests that the other groups leave for recently played'),
    groups: z.array(QuotaGroup),
  })
  .meta({ id: 'QuotaAccount' })
export type QuotaAccount = z.infer<typeof QuotaAccount>

export const QuotaResponse = z.strictObject({ accounts: z.array(QuotaAccount), next }).meta({ id: 'QuotaResponse' })
export type QuotaResponse = z.infer<typeof QuotaResponse>

export const EncryptionKeys = z
  .strictObject({
    keys: z
      .array(
        z.strictObject({
          key: z.string().describe('Its id in the key ring'),
          secrets: z.int().describe('How many secrets are encrypted with it'),
          isKnown: z.boolean().describe('False if this process does not have the key'),
        }),
      )
      .describe('Newest first; the newest key encrypts everything that is saved'),
    resealed: z.int().describe('Secrets that this call re-encrypted with the newest key'),
    failed: z.int().describe('Secrets that can’t be decrypted and therefore keep their key; the log lists them'),
  })
  .meta({ id: 'EncryptionKeys' })
export type EncryptionKeys = z.infer<typeof EncryptionKeys>

export const getKeys = defineEndpoint({
  method: 'GET',
  path: '/api/admin/keys',
  summary: 'Count the secrets encrypted with each key; never returns the keys',
  access: 'admin',
  response: EncryptionKeys,
})

export const reseal = defineEndpoint({
  method: 'POST',
  path: '/api/admin/keys',
  summary: 'Re-encrypt secrets with the newest key for up to 10 seconds; repeat until no other key is in use',
  access: 'admin',
  limit: 'orders',
  response: EncryptionKeys,
})

export const getAdminRuns = defineEndpoint({
  method: 'GET',
  path: '/api/admin/runs',
  summary: 'All listeners’ runs, newest first',
  access: 'admin',
  query: PageQuery.extend({ listener: z.string().max(64).optional(), state: z.string().max(20).optional() }),
  limit: 'queries',
  response: RunsResponse,
  errors: ['unknown-state'],
})

export const getAdminListeners = defineEndpoint({
  method: 'GET',
  path: '/api/admin/listeners',
  summary: 'All listeners',
  access: 'admin',
  query: PageQuery,
  limit: 'queries',
  response: AdminListenersResponse,
})

export const changeListener = defineEndpoint({
  method: 'PUT',
  path: '/api/admin/listeners/[id]',
  summary: 'Suspend or resume a listener, or grant or remove admin rights; returns the change',
  access: 'admin',
  body: ListenerChange,
  response: ListenerChange.extend({ id: z.string() }).strict(),
  errors: ['oneself', 'admins-are-set', 'last-admin'],
})

export const removeListener = defineEndpoint({
  method: 'DELETE',
  path: '/api/admin/listeners/[id]',
  summary: 'Delete a listener and all their data; returns the receipt',
  access: 'admin',
  body: Confirmation,
  limit: 'orders',
  response: EraseReceipt,
  errors: ['not-confirmed', 'oneself', 'last-admin', 'being-deleted', 'load-under-way'],
})

export const getInvites = defineEndpoint({
  method: 'GET',
  path: '/api/admin/invites',
  summary: 'List invites, and who may sign up',
  access: 'admin',
  query: PageQuery,
  response: InvitesResponse,
})

export const createInvite = defineEndpoint({
  method: 'POST',
  path: '/api/admin/invites',
  summary: 'Create an invite; only this response contains its link',
  access: 'admin',
  recentSignIn: true,
  body: InviteForm,
  response: NewInvite,
  errors: ['sign-ups-closed'],
})

export const revokeInvite = defineEndpoint({
  method: 'DELETE',
  path: '/api/admin/invites/[id]',
  summary: 'Revoke an invite and return it',
  access: 'admin',
  response: Invite,
})

export const getQuota = defineEndpoint({
  method: 'GET',
  path: '/api/admin/quota',
  summary: 'How much of Spotify’s quota each developer account has used; a request counts for 24 to 25 hours',
  access: 'admin',
  query: PageQuery,
  limit: 'queries',
  response: QuotaResponse,
})

export const forgetQuota = defineEndpoint({
  method: 'DELETE',
  path: '/api/admin/quota',
  summary: 'Forget the limits learned for a developer account',
  access: 'admin',
  body: z.object({ account: z.string().max(500) }),
  response: z.strictObject({ account: z.string() }).meta({ id: 'ForgottenQuota' }),
})

export const getAdminOverview = defineEndpoint({
  method: 'GET',
  path: '/api/admin/overview',
  summary: 'Health, open alerts, apps, quota and the latest 100 audit events',
  access: 'admin',
  limit: 'queries',
  response: AdminOverviewResponse,
})
