/** Who owns which instance, as the broker's feed tells it. */
export class Owners {
  readonly #owners = new Map<string, string>()
  #complete: () => void = () => undefined
  /** Resolves once the broker has told about every instance there is. */
  readonly known: Promise<void>

  constructor() {
    this.known = new Promise((resolve) => {
      this.#complete = resolve
    })
  }

  set(instance: string, owner: string): void {
    this.#owners.set(instance, owner)
  }

  complete(): void {
    this.#complete()
  }

  of(instance: string): string | undefined {
    return this.#owners.get(instance)
  }
}
