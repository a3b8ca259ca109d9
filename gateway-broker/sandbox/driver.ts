/** What a gateway needs of its sandbox, in paths of the host. */
export type CellSpec = {
  /** The instance; nothing but a name here. */
  readonly id: string
  /** The instance's own directory: all it may write. */
  readonly home: string
  /** A short directory for the two unix sockets; the broker listens on `model.sock` in it before the start. */
  readonly sockets: string
  /** Where OpenClaw is installed; read only. */
  readonly runtime: string
  /** What to run, given where those directories are inside the sandbox. */
  readonly order: (inside: Inside) => CellOrder
}

/** The same directories as the gateway sees them. */
export type Inside = { home: string; sockets: string; runtime: string; node: string }

/** What the first process in the sandbox (`cell.ts`) is told. Ports are filled in by it. */
export type CellOrder = {
  command: string
  args: string[]
  env: Record<string, string>
  cwd: string
  log: string
  files: Record<string, string>
}

export type CellExit = { code: number | null; signal: string | null; message?: string }

/** A gateway that was started. */
export type Cell = {
  /** Unix socket that leads to the gateway's HTTP and WebSocket port. */
  readonly socket: string
  /** Resolves once, when nothing of it runs any more. */
  readonly exited: Promise<CellExit>
  /** Asks it to end, kills what is left after `graceMs`, and resolves when nothing of it runs. */
  stop(graceMs: number): Promise<CellExit>
}

/** One promise a sandbox may keep, as people read it. */
export type Guarantee = 'files' | 'neighbours' | 'network' | 'processes' | 'system' | 'orphans'

export const guarantees: Record<Guarantee, { kept: string; broken: string }> = {
  files: { kept: 'cannot read files of this machine', broken: 'can read every file that you can read' },
  neighbours: { kept: "cannot read other gateways' files", broken: "can read other gateways' files" },
  network: { kept: 'has no network but the model proxy', broken: 'can open any network connection' },
  processes: { kept: 'cannot see other processes', broken: 'sees all processes of this machine' },
  system: { kept: 'cannot change the system', broken: 'can change whatever you can change' },
  orphans: { kept: 'ends when the broker ends', broken: 'may outlive the broker' },
}

/** What was found by running it once. */
export type Probe = { works: true; keeps: ReadonlySet<Guarantee> } | { works: false; reason: string }

/** One way to keep a gateway apart. Adding one is its file and a row in `index.ts`; `driver.suite.ts` runs for each. */
export type Driver = {
  readonly name: string
  /** Tries it for real; never assumes. */
  probe(): Promise<Probe>
  start(spec: CellSpec): Promise<Cell>
}

/** Whether gateways of different owners may run beside each other. */
export const isolates = (keeps: ReadonlySet<Guarantee>): boolean =>
  (['files', 'neighbours', 'network', 'processes'] as const).every((guarantee) => keeps.has(guarantee))

/** What a driver is made of: the Node that gateways run on, our two programs for the inside, and the PATH for tools. */
export type DriverPaths = { node: string; cell: string; probe: string; path: string }
