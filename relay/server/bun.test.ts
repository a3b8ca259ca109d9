import { describe } from 'vitest'
import { serveInBun } from '../testing/served-in-bun.ts'
import { framesSuite } from './frames.suite.ts'
import { serverSuite } from './server.suite.ts'

describe('the server for Bun', () => {
  serverSuite(serveInBun)
  framesSuite(serveInBun)
})
