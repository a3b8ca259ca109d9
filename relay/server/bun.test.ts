import { describe } from 'vitest'
import { serveInBun } from '../testing/served-in-bun.ts'
import { serverSuite } from './server.suite.ts'

describe('the server for Bun', () => {
  serverSuite(serveInBun)
})
