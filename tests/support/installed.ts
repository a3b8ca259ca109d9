import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { systemClock } from '#nips/kit/clock'
import { bunInstall, isInstalled, pinnedVersion } from '../../gateway-broker/openclaw/install.ts'
import { buildPage } from '../../gateway-broker/supervisor/build.ts'

export const root = fileURLToPath(new URL('../../', import.meta.url))

/** Where the one OpenClaw of all tests is installed. */
export const openclawDirectory = join(root, 'node_modules/.cache/openclaw')

/** Vitest's global set-up: what every end-to-end test needs is made once, before any of them runs. */
export async function setup(): Promise<void> {
  const directory = join(openclawDirectory, await pinnedVersion())
  const clock = systemClock()
  const install = async () => {
    if (!isInstalled(directory))
      await bunInstall({ directory, bun: 'bun', node: process.execPath, env: process.env, clock })(() => undefined)
  }
  await Promise.all([install(), buildPage(root, process.execPath)])
}
