import { verifySchnorr } from '#nips/keys'
import { silentLog } from '#nips/kit/log'
import { openVerifier } from './open.ts'
import { describeVerifier } from './verifier.suite.ts'
import { inlineVerifier } from './verifier.ts'

describeVerifier('on the caller’s thread', () => inlineVerifier('noble', verifySchnorr))
describeVerifier('as the relay opens it', () => openVerifier(0, silentLog))
describeVerifier('in three threads', () => openVerifier(3, silentLog))
