/** Keeps what was made for the names that were used last, and forgets the rest. */
export class RecentlyUsed<Value> {
  private readonly values = new Map<string, Promise<Value>>();
  private readonly most: number;

  /** @param most How many to keep. */
  constructor(most: number) {
    this.most = most;
  }

  /** What was made for this name, or what `make` makes for it now; what failed is made again. */
  get(name: string, make: () => Promise<Value>): Promise<Value> {
    const value = this.values.get(name) ?? make();
    // A map keeps its names in the order in which they were set.
    this.values.delete(name);
    this.values.set(name, value);
    value.catch(() => {
      if (this.values.get(name) === value) this.values.delete(name);
    });
    for (const oldest of this.values.keys()) {
      if (this.values.size <= this.most) break;
      this.values.delete(oldest);
    }
    return value;
  }
}
