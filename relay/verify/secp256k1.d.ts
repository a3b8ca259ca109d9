/** The part of npm's `secp256k1` that is used: libsecp256k1, prebuilt for most systems. Scalars are 32 bytes. */
declare module 'secp256k1/bindings.js' {
  type Recovered = [
    signature: Uint8Array,
    recoveryId: number,
    message: Uint8Array,
    compressed: true,
    output: Uint8Array,
  ]
  const addon: {
    /** Multiplies the first by the second modulo n, in place. Throws where either is 0 or not below n. */
    privateKeyTweakMul(scalar: Uint8Array, by: Uint8Array): Uint8Array
    /** The key that signed `message`, written to `output`. Throws where there is none. */
    ecdsaRecover(...recovered: Recovered): Uint8Array
  }
  export = addon
}
