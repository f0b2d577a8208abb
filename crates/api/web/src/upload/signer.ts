import type { Videos } from '../api/videos';

/** Addresses that are asked for at once: few calls, and none that ends before its part's turn. */
const AHEAD = 50;
/** An address that ends within so many milliseconds is renewed. */
const RENEW_BEFORE = 60_000;

interface Address {
  url: string;
  expiresAt: number;
}

/** Addresses of the parts of one upload, asked for in groups. */
export class Signer {
  private readonly addresses = new Map<number, Promise<Address>>();

  constructor(
    private readonly videos: Pick<Videos, 'sign'>,
    private readonly videoId: string,
    private readonly partCount: number,
  ) {}

  async sign(partNumber: number): Promise<string> {
    const known = this.addresses.get(partNumber);
    if (known) {
      // A part asks twice only when its address didn't work.
      this.addresses.delete(partNumber);
      const address = await known.catch(() => null);
      if (address && address.expiresAt - RENEW_BEFORE > Date.now()) {
        return address.url;
      }
    }
    const { url } = await this.ask(partNumber);
    return url;
  }

  /** Asks for a part's address, and for those of the parts after it. */
  private ask(partNumber: number): Promise<Address> {
    const numbers = [partNumber];
    for (let next = partNumber + 1; next <= this.partCount && numbers.length < AHEAD; next += 1) {
      if (!this.addresses.has(next)) numbers.push(next);
    }
    const answer = this.videos.sign(this.videoId, numbers);
    const of = (number: number) =>
      answer.then((parts) => {
        const part = parts.find((part) => part.partNumber === number);
        if (!part) throw new Error(`no address for part ${number}`);
        return { url: part.url, expiresAt: Date.parse(part.expiresAt) };
      });
    for (const number of numbers.filter((number) => number !== partNumber)) {
      const address = of(number);
      // Whoever asks for it hears of the failure.
      address.catch(() => this.addresses.delete(number));
      this.addresses.set(number, address);
    }
    return of(partNumber);
  }
}
