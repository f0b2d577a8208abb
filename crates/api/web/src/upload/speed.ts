/** Bytes sent by a time. */
interface Sample {
  /** Milliseconds. */
  at: number;
  bytes: number;
}

/** Speed is that of the last so many milliseconds: long enough to be calm, short enough to follow the network. */
const WINDOW = 8_000;

/** Follows the speed of an upload. */
export class Speed {
  private samples: Sample[] = [];

  add(bytes: number, at: number): void {
    const last = this.samples.at(-1);
    // Parts that are taken back, or a resumed upload: what was measured says nothing about what comes.
    if (last && bytes < last.bytes) {
      this.samples = [];
    }
    this.samples.push({ at, bytes });
    while (this.samples.length > 2 && (this.samples[1]?.at ?? at) < at - WINDOW) {
      this.samples.shift();
    }
  }

  reset(): void {
    this.samples = [];
  }

  /** Bytes per second; 0 where too little is known. */
  perSecond(now: number): number {
    const [first, last] = [this.samples[0], this.samples.at(-1)];
    if (!first || !last || now - first.at < 300) {
      return 0;
    }
    return ((last.bytes - first.bytes) * 1000) / (now - first.at);
  }

  /** Seconds until `total` bytes are sent; infinite where nothing moves. */
  secondsLeft(total: number, now: number): number {
    const speed = this.perSecond(now);
    const sent = this.samples.at(-1)?.bytes ?? 0;
    return speed > 0 ? (total - sent) / speed : Infinity;
  }
}
