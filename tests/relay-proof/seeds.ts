/** The seed of this run: `PROOF_SEED`, so that a failure can be had again, or a new one. */
export const seed = Number(process.env.PROOF_SEED ?? Math.floor(Math.random() * 2 ** 31))
