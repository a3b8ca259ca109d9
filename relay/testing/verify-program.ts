import { text } from 'node:stream/consumers'
import { silentLog } from '#nips/kit/log'
import { openVerifier } from '../verify/open.ts'
import { checkAll } from '../verify/paths.ts'
import type { Claim } from '../verify/verifier.ts'
import { pathsHere } from './claims.ts'

/** What `verifyInBun` runs: answers the claims on standard input by every path that is here, and by threads. */
const claims = JSON.parse(await text(process.stdin)) as Claim[]
const answers: Record<string, readonly boolean[]> = {}
for (const { name, check } of await pathsHere()) answers[name] = checkAll(check, claims)
const verifier = await openVerifier(2, silentLog)
answers.threads = await verifier.verify(claims)
await verifier.close()
process.stdout.write(JSON.stringify(answers))
