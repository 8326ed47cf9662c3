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

  /** `CO-ddd-ddd-ddd` */
  conversation(): string {
    return `CO-${this.nine()}`;
  }

  /** `ME-ddd-ddd-ddd` */
  message(): string {
    return `ME-${this.nine()}`;
  }

  private nine(): string {
    this.talk += 1;
    return groups(String(this.talk), 3);
  }
}

/** Numbers of twelve digits: seven drawn, five counted. A range that is used up is followed by another. */
class Range {
  private drawn = randomInt(1_000_000, 10_000_000);
  private count = 0;

  /** `dddd-dddd-dddd` */
  next(): string {
    if (this.count === 99_999) {
      this.drawn = randomInt(1_000_000, 10_000_000);
      this.count = 0;
    }
    this.count += 1;
    return groups(`${this.drawn}${String(this.count).padStart(5, '0')}`, 4);
  }
}

function groups(digits: string, size: number): string {
  const parts: string[] = [];
  for (let at = 0; at < digits.length; at += size) parts.push(digits.slice(at, at + size));
  return parts.join('-');
}
