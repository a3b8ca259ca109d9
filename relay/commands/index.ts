import { type Command, usageOf } from './command.ts'
import { compactCommand } from './compact.ts'
import { deleteCommand } from './delete.ts'
import { dictCommand } from './dict.ts'
import { downloadCommand } from './download.ts'
import { exportCommand } from './export.ts'
import { importCommand } from './import.ts'
import { infoCommand } from './info.ts'
import { monitorCommand } from './monitor.ts'
import { negentropyCommand } from './negentropy.ts'
import { relayCommand } from './relay.ts'
import { routerCommand } from './router.ts'
import { scanCommand } from './scan.ts'
import { streamCommand } from './stream.ts'
import { syncCommand } from './sync.ts'
import { uploadCommand } from './upload.ts'

/** Every word that may stand behind `strfry`. */
export const commands: readonly Command[] = [
  relayCommand,
  importCommand,
  exportCommand,
  scanCommand,
  deleteCommand,
  compactCommand,
  infoCommand,
  negentropyCommand,
  dictCommand,
  monitorCommand,
  downloadCommand,
  uploadCommand,
  syncCommand,
  streamCommand,
  routerCommand,
]

/** What `--help` prints: all commands, or one with its options. */
export function helpText(named?: string): string {
  const one = commands.find(({ name }) => name === named)
  return one ? helpOf(one) : `${[...HEAD, ...commands.map(lineOf)].join('\n')}\n`
}

const HEAD = [
  'Usage: strfry [--config=<file>] [--set=<key=value>]... [--verbosity=<level>] <command> [<args>...]',
  '',
  '  --config     strfry.conf; else $STRFRY_CONFIG, /etc/strfry.conf or ./strfry.conf, whichever comes first',
  '  --set        one value of it; environment variables (docs/settings.md) stand between the two',
  '  --verbosity  ERROR to tell failures only',
  '',
]

const lineOf = ({ name, doc }: Command): string => `  ${name.padEnd(11)}${doc}`

function helpOf(command: Command): string {
  const options = Object.entries(command.options ?? {})
  const width = Math.max(0, ...options.map(([name]) => name.length))
  const lines = options.map(([name, { doc }]) => `  --${name.padEnd(width)}  ${doc}`)
  return `${[`Usage: strfry ${usageOf(command)}`, '', command.doc, ...(lines.length > 0 ? ['', ...lines] : [])].join('\n')}\n`
}
