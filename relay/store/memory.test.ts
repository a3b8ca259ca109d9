import { describeErasure } from './erasure.suite.ts'
import { createMemoryStore } from './memory.ts'
import { describeStore } from './store.suite.ts'

describeStore('the memory store', createMemoryStore)
describeErasure('the memory store', createMemoryStore)
