import url from './worker/main.ts?worker&url'

type Policy = { createScriptURL(url: string): string }
type PolicyMaker = { createPolicy(name: string, rules: Policy): Policy }

/**
 * The one Worker of the page, begun before anything is drawn. Trusted Types ask who vouches for its address:
 * this policy, for this address and no other.
 */
export function startWorker(): Worker {
  const rules: Policy = {
    createScriptURL: (asked) => {
      if (asked !== url) throw new TypeError('not the address of our Worker')
      return asked
    },
  }
  const maker = (globalThis as { trustedTypes?: PolicyMaker }).trustedTypes
  const policy = maker?.createPolicy('worker', rules) ?? rules
  return new Worker(policy.createScriptURL(url), { type: 'module' })
}
