/** Smaller ones are icons, or belong to a legend or a row. */
const MIN_WIDTH = 160
const MIN_HEIGHT = 80

/** The largest SVG of a panel, if it is a drawing. */
export function drawingIn(content: Element | null): SVGSVGElement | null {
  const sized = [...(content?.querySelectorAll('svg') ?? [])].map((svg) => ({ svg, box: svg.getBoundingClientRect() }))
  const drawings = sized.filter(({ box }) => box.width >= MIN_WIDTH && box.height >= MIN_HEIGHT)
  const area = ({ box }: { box: DOMRect }) => box.width * box.height
  return drawings.sort((one, other) => area(other) - area(one))[0]?.svg ?? null
}
