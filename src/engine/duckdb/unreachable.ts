/**
 * Frees what an engine made for a relation that nobody can reach any more: contexts live for days, and frames come and
 * go.
 */
export class Unreachable {
  private readonly registry: FinalizationRegistry<string>;

  /**
   * `free` gives up what was made under a key; it is called once nothing that was running when the relation became
   * unreachable runs any more.
   */
  constructor(running: () => Promise<void>, free: (key: string) => Promise<void>) {
    this.registry = new FinalizationRegistry((key) => {
      // a failure leaves to closing what closing frees anyway
      running()
        .then(() => free(key))
        .catch(() => undefined);
    });
  }

  /**
   * Frees what is made under `key` when `relation` is collected: copies that rewrites make of it live no longer than it
   * does.
   */
  watch(relation: object, key: string): void {
    this.registry.register(relation, key);
  }
}
