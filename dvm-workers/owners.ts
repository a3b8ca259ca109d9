/** Who owns which instance, as the broker's feed tells it. */
export class Owners {
  readonly #owners = new Map<string, string>()

  set(instance: string, owner: string): void {
    this.#owners.set(instance, owner)
  }

  of(instance: string): string | undefined {
    return this.#owners.get(instance)
  }
}
