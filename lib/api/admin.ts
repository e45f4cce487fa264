import { z } from 'zod'
import { defineEndpoint } from './endpoint.ts'
import { HealthResponse } from './instance.ts'
import { CONSENT_STATES, INVITE_STATES, RUN_STATES } from './lists.ts'
import { RunsResponse } from './runs.ts'
import { AppPlaces, Confirmation, EraseReceipt, next, PageQuery, PausedApp, Time } from './shapes.ts'

/** What admins see of everybody: states and counts, never titles. */

export const AdminListener = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    isAdmin: z.boolean(),
    suspendedAt: Time.nullable(),
    app: z.string().nullable().describe('Client id of the Spotify app of their consent'),
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
  suspended: z.boolean().optional().describe('No sign-in, and nothing runs; the data stays'),
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
    invites: z.array(Invite).describe('Newest first. The links themselves are not kept'),
    next,
  })
  .meta({ id: 'InvitesResponse' })
export type InvitesResponse = z.infer<typeof InvitesResponse>

export const NewInvite = z
  .strictObject({ invite: Invite, link: z.string().describe('Shown this once') })
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
    owner: z.string().nullable().describe('The listener who brought it'),
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
          used: z.int().describe('Requests of the last 24 hours'),
          refused: z.int(),
          dayLimit: z.int().nullable().describe('Requests a day, once a refusal has shown it'),
          windowLimit: z.int().nullable(),
          blockedUntil: Time.nullable(),
        }),
      )
      .describe('Of the developer account of the instance, and of those that Spotify refuses or blocks'),
    health: HealthResponse,
    troubled: z
      .strictObject({
        count: z.int().describe('Of all'),
        listeners: z.array(
          z.strictObject({
            id: z.string(),
            name: z.string(),
            since: Time.nullable(),
            troubles: z.array(z.string()),
          }),
        ),
      })
      .describe('Listeners with open alerts, the oldest first'),
    apps: z.array(SpotifyApp).describe('The one of the instance, those that are paused, and the newest of the others'),
    adminsAreSet: z.boolean().describe('The setting ADMINS decides who is admin'),
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
    used: z.int().describe('Requests of the last 24 hours'),
    refused: z.int(),
    usedInWindow: z.int().describe('In the last 30 s'),
    limit: z.int(),
    isKnown: z.boolean().describe('A refusal has shown the limit; else it is a guess, which holds nothing back'),
    blockedUntil: Time.nullable().describe('Spotify refuses until then'),
    heldUntil: Time.nullable().describe('Requests wait until then so that Spotify need not refuse them'),
    heldBy: z.enum(['budget', 'reserve']).nullable().describe('reserve: the rest is kept for recently played'),
    spentAt: Time.nullable().describe(
      'When the limit is reached at the rate of the last hours; null: not within a day',
    ),
    planned: z.int().describe('What a day of the schedules needs, about'),
    fits: z.boolean(),
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
          owner: z.string().nullable().describe('The listener who brought it; null for the one of the instance'),
          listeners: z.int(),
          windowLimit: z.int().nullable().describe('Requests in 30 s, once a refusal has shown it'),
          pausedUntil: Time.nullable().describe('Everybody on the app pauses until then'),
        }),
      )
      .describe('The apps that share this quota'),
    used: z.int(),
    limit: z
      .int()
      .nullable()
      .describe('Of all groups together; null until recently played and another group were refused together'),
    reserve: z.int().nullable().describe('What the other groups leave to recently played'),
    groups: z.array(QuotaGroup),
  })
  .meta({ id: 'QuotaAccount' })
export type QuotaAccount = z.infer<typeof QuotaAccount>

export const QuotaResponse = z.strictObject({ accounts: z.array(QuotaAccount), next }).meta({ id: 'QuotaResponse' })
export type QuotaResponse = z.infer<typeof QuotaResponse>

export const getAdminRuns = defineEndpoint({
  method: 'GET',
  path: '/api/admin/runs',
  summary: 'Everybody’s runs, newest first',
  access: 'admin',
  query: PageQuery.extend({ listener: z.string().max(64).optional(), state: z.string().max(20).optional() }),
  response: RunsResponse,
  errors: ['unknown-state'],
})

export const getAdminListeners = defineEndpoint({
  method: 'GET',
  path: '/api/admin/listeners',
  summary: 'All listeners',
  access: 'admin',
  query: PageQuery,
  response: AdminListenersResponse,
})

export const changeListener = defineEndpoint({
  method: 'PUT',
  path: '/api/admin/listeners/[id]',
  summary: 'Suspend or resume a listener, or make them an admin; returns the change',
  access: 'admin',
  body: ListenerChange,
  response: ListenerChange.extend({ id: z.string() }).strict(),
  errors: ['oneself', 'admins-are-set', 'last-admin'],
})

export const removeListener = defineEndpoint({
  method: 'DELETE',
  path: '/api/admin/listeners/[id]',
  summary: 'Delete everything of a listener; returns the receipt',
  access: 'admin',
  body: Confirmation,
  response: EraseReceipt,
  errors: ['not-confirmed', 'oneself', 'last-admin', 'load-under-way'],
})

export const getInvites = defineEndpoint({
  method: 'GET',
  path: '/api/admin/invites',
  summary: 'Who may sign up, and the invites',
  access: 'admin',
  query: PageQuery,
  response: InvitesResponse,
})

export const createInvite = defineEndpoint({
  method: 'POST',
  path: '/api/admin/invites',
  summary: 'Create an invite; its link is in this response only',
  access: 'admin',
  body: InviteForm,
  response: NewInvite,
  errors: ['sign-ups-closed'],
})

export const revokeInvite = defineEndpoint({
  method: 'DELETE',
  path: '/api/admin/invites/[id]',
  summary: 'Revoke an invite; returns it',
  access: 'admin',
  response: Invite,
})

export const getQuota = defineEndpoint({
  method: 'GET',
  path: '/api/admin/quota',
  summary: 'What each developer account has used of Spotify’s quota; a request counts for 24 to 25 hours',
  access: 'admin',
  query: PageQuery,
  response: QuotaResponse,
})

export const forgetQuota = defineEndpoint({
  method: 'DELETE',
  path: '/api/admin/quota',
  summary: 'Forget the limits that were learned of a developer account',
  access: 'admin',
  body: z.object({ account: z.string().max(500) }),
  response: z.strictObject({ account: z.string() }).meta({ id: 'ForgottenQuota' }),
})

export const getAdminOverview = defineEndpoint({
  method: 'GET',
  path: '/api/admin/overview',
  summary: 'Health, open alerts, apps, quota and the newest 100 audit events',
  access: 'admin',
  response: AdminOverviewResponse,
})
