import type { Clock } from '#nips/kit/clock'

/** A response of JSON lines: `open` is given a way to write and returns how to stop; `beat` fills silences. */
export function lineStream<Line>(
  clock: Clock,
  { beat, every }: { beat: Line; every: number },
  open: (write: (line: Line) => void, end: () => void) => () => void,
): Response {
  let stop: () => void = () => undefined
  const body = new ReadableStream<string>({
    start(controller) {
      let over = false
      const write = (line: Line) => {
        if (!over) controller.enqueue(`${JSON.stringify(line)}\n`)
      }
      const end = () => {
        if (over) return
        over = true
        stopBeat()
        controller.close()
      }
      const stopBeat = clock.every(every, () => write(beat))
      const close = open(write, end)
      stop = () => {
        over = true
        stopBeat()
        close()
      }
    },
    cancel: () => stop(),
  })
  return new Response(body.pipeThrough(new TextEncoderStream()), {
    headers: { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' },
  })
}
