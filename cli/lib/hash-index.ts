import { hash } from "node:crypto";

/**
 * A map from text to number that does not store the text. It needs 16 bytes per entry at 50 % load: 32 MB for the million
 * terminals of one IoT Hub. Keys are compared by 64 bits of their SHA-256. The probability that two of a million keys
 * collide is below 1 in 10,000,000.
 */
export class HashIndex {
  private high = new Uint32Array(1024);
  private low = new Uint32Array(1024);
  private values = new Float64Array(1024).fill(Number.NaN);
  private entries = 0;

  /** Number of keys. */
  get size(): number {
    return this.entries;
  }

  /** The value of a key; undefined when there is none. */
  get(key: string): number | undefined {
    const value = this.values[this.slot(...digest(key))];
    return Number.isNaN(value) ? undefined : value;
  }

  /** Sets the value of a key. @returns The previous value; undefined when there was none. */
  set(key: string, value: number): number | undefined {
    if (this.entries * 2 >= this.values.length) this.grow();
    const [high, low] = digest(key);
    const slot = this.slot(high, low);
    const previous = this.values[slot] as number;
    this.high[slot] = high;
    this.low[slot] = low;
    this.values[slot] = value;
    if (!Number.isNaN(previous)) return previous;
    this.entries++;
    return undefined;
  }

  private slot(high: number, low: number): number {
    const mask = this.values.length - 1;
    let slot = low & mask;
    while (!Number.isNaN(this.values[slot]) && (this.high[slot] !== high || this.low[slot] !== low)) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  private grow(): void {
    const { high, low, values } = this;
    this.high = new Uint32Array(values.length * 2);
    this.low = new Uint32Array(values.length * 2);
    this.values = new Float64Array(values.length * 2).fill(Number.NaN);
    for (const [old, value] of values.entries()) {
      if (Number.isNaN(value)) continue;
      const slot = this.slot(high[old] as number, low[old] as number);
      this.high[slot] = high[old] as number;
      this.low[slot] = low[old] as number;
      this.values[slot] = value;
    }
  }
}

function digest(key: string): [number, number] {
  const bytes = hash("sha256", key, "buffer");
  return [bytes.readUInt32LE(0), bytes.readUInt32LE(4)];
}
