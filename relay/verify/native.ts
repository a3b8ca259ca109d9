import type { Check } from './claims.ts'

/** Functions of libsecp256k1 by their names. Pointers are buffers; the context is whatever the host calls a pointer. */
type Library = {
  secp256k1_context_create(flags: number): unknown
  secp256k1_xonly_pubkey_parse(context: unknown, key: Buffer, bytes: Buffer): number
  secp256k1_schnorrsig_verify(context: unknown, sig: Buffer, id: Buffer, length: number, key: Buffer): number
}

/** SECP256K1_CONTEXT_VERIFY, which newer versions take as "none". */
const CONTEXT = 257

/**
 * Names under which systems install it, newest first. Only versions whose functions are the ones above: before version 1
 * of the interface a Schnorr signature was over 32 bytes and its length no parameter, and a later one may change again.
 */
const names: Partial<Record<NodeJS.Platform, readonly string[]>> = {
  linux: [6, 5, 2, 1].map((version) => `libsecp256k1.so.${version}`),
  darwin: [6, 5, 2, 1].flatMap((version) =>
    ['/opt/homebrew/lib', '/usr/local/lib'].map((folder) => `${folder}/libsecp256k1.${version}.dylib`),
  ),
}

/** A package or module that may not be there; its name is kept from whoever resolves imports beforehand. */
const optional = async <Module>(name: string): Promise<Module> => (await import(name)) as Module

type Signature = { args: readonly string[]; returns: string }
type BunFfi = { dlopen(file: string, symbols: Record<string, Signature>): { symbols: unknown } }

async function byBun(): Promise<(file: string) => Library> {
  const { dlopen } = await optional<BunFfi>('bun:ffi')
  const symbols = {
    secp256k1_context_create: { args: ['u32'], returns: 'ptr' },
    secp256k1_xonly_pubkey_parse: { args: ['ptr', 'ptr', 'ptr'], returns: 'i32' },
    secp256k1_schnorrsig_verify: { args: ['ptr', 'ptr', 'ptr', 'usize', 'ptr'], returns: 'i32' },
  }
  return (file) => dlopen(file, symbols).symbols as Library
}

type Koffi = { load(file: string): { func(prototype: string): unknown } }

async function byKoffi(): Promise<(file: string) => Library> {
  const { default: koffi } = await optional<{ default: Koffi }>('koffi')
  return (file) => {
    const library = koffi.load(file)
    return {
      secp256k1_context_create: library.func('void *secp256k1_context_create(uint32_t)'),
      secp256k1_xonly_pubkey_parse: library.func('int secp256k1_xonly_pubkey_parse(void *, void *, const void *)'),
      secp256k1_schnorrsig_verify: library.func(
        'int secp256k1_schnorrsig_verify(void *, const void *, const void *, size_t, const void *)',
      ),
    } as Library
  }
}

/** The first library that opens and has the functions. */
function firstOf(open: (file: string) => Library): Library | undefined {
  for (const file of names[process.platform] ?? []) {
    try {
      return open(file)
    } catch {
      // Not installed, or built without Schnorr signatures.
    }
  }
  return undefined
}

function checkWith(library: Library): Check {
  const context = library.secp256k1_context_create(CONTEXT)
  const [id, pubkey, sig, key] = [32, 32, 64, 64].map((length) => Buffer.alloc(length)) as [
    Buffer,
    Buffer,
    Buffer,
    Buffer,
  ]
  return (slab, at) => {
    slab.copy(sig, 0, at, at + 32)
    slab.copy(pubkey, 0, at + 32, at + 64)
    slab.copy(id, 0, at + 64, at + 96)
    slab.copy(sig, 32, at + 96, at + 128)
    return (
      library.secp256k1_xonly_pubkey_parse(context, key, pubkey) === 1 &&
      library.secp256k1_schnorrsig_verify(context, sig, id, 32, key) === 1
    )
  }
}

/** The system's own libsecp256k1, where it is installed and can be called: by Bun, or in Node by `koffi` if that is here. */
export const native = {
  name: 'native',
  load: async (): Promise<Check> => {
    const library = firstOf(await ('bun' in process.versions ? byBun() : byKoffi()))
    if (library === undefined) throw new Error('no libsecp256k1 with Schnorr signatures')
    return checkWith(library)
  },
}
