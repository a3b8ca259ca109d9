import { describeAccounts } from './accounts.suite.ts'
import { describeErasure } from './erasure.suite.ts'
import { createMemoryStore } from './memory.ts'
import { describeStore } from './store.suite.ts'
import { describeWords } from './words.suite.ts'

for (const describeAll of [describeStore, describeErasure, describeWords, describeAccounts])
  describeAll('the memory store', createMemoryStore)
