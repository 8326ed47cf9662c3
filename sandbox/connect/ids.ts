import { randomInt } from 'node:crypto';

/**
 * Identifiers in Connect's formats.
 *
 * The first seven digits of an asset are drawn at every start and at every reset, so that a sandbox that is started
 * anew beside a Temporal server that is not never gives an id out twice: workflows carry these ids.
 */
export class Ids {
  private assets = new Range();
  private tiers = new Range();
  private readonly usage = new Range(6, 2);
  private talk = 100_000_000;

  /** Start fresh ranges, as after a reset. */
  newRun(): void {
    this.assets = new Range();
    this.tiers = new Range();
  }

  /** `AS-dddd-dddd-dddd` */
  asset(): string {
    return `AS-${this.assets.next()}`;
  }

  /** `PR-dddd-dddd-dddd-nnn` @param assetId whose number it repeats @param nth 1 for the first request of the asset */
  request(assetId: string, nth: number): string {
    return `PR-${assetId.slice(3)}-${String(nth).padStart(3, '0')}`;
  }

  /** `TC-dddd-dddd-dddd` */
  tierConfig(): string {
    return `TC-${this.tiers.next()}`;
  }

  /** `TCR-dddd-dddd-dddd-nnn` @param nth 1 for the first request of the configuration */
  tierConfigRequest(tierConfigId: string, nth: number): string {
    return `TCR-${tierConfigId.slice(3)}-${String(nth).padStart(3, '0')}`;
  }

  /** `TA-dddd-dddd-dddd` */
  tierAccount(): string {
    return `TA-${this.tiers.next()}`;
  }

  /** `UF-yyyy-mm-dddd-dddd` */
  usageFile(): string {
    return `UF-${month()}-${this.usage.next()}`;
  }

  /** `RCF-yyyy-mm-dddd-dddd` */
  reconciliation(): string {
    return `RCF-${month()}-${this.usage.next()}`;
  }

  /** `CO-ddd-ddd-ddd` */
  conversation(): string {
    return `CO-${this.nine()}`;
  }

  /** `ME-ddd-ddd-ddd` */
  message(): string {
    return `ME-${this.nine()}`;
  }

  /** `WH-ddd-ddd-ddd` */
  webhook(): string {
    return `WH-${this.nine()}`;
  }

  private nine(): string {
    this.talk += 1;
    return groups(String(this.talk), 3);
  }
}

/** Numbers that begin with drawn digits and go on with counted ones. A range that is used up is followed by another. */
class Range {
  private drawn: number;
  private count = 0;

  constructor(
    private readonly drawnDigits = 7,
    private readonly countedDigits = 5,
  ) {
    this.drawn = randomInt(10 ** (drawnDigits - 1), 10 ** drawnDigits);
  }

  /** In groups of four: `dddd-dddd-dddd` */
  next(): string {
    if (this.count === 10 ** this.countedDigits - 1) {
      const next = this.drawn + 1;
      this.drawn = next === 10 ** this.drawnDigits ? 10 ** (this.drawnDigits - 1) : next;
      this.count = 0;
    }
    this.count += 1;
    return groups(`${this.drawn}${String(this.count).padStart(this.countedDigits, '0')}`, 4);
  }
}

/** `yyyy-mm` of today. */
const month = () => new Date().toISOString().slice(0, 7);

function groups(digits: string, size: number): string {
  const parts: string[] = [];
  for (let at = 0; at < digits.length; at += size) parts.push(digits.slice(at, at + size));
  return parts.join('-');
}
