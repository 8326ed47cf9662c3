import { randomInt } from 'node:crypto';

/**
 * Identifiers in Connect's formats.
 *
 * The first seven digits of an asset are drawn at every start and at every reset, so that a sandbox that is started
 * anew beside a Temporal server that is not never gives an id out twice: workflows carry these ids.
 */
export class Ids {
  private run = 0;
  private assets = 0;
  private others = 0;

  constructor() {
    this.newRun();
  }

  /** Start a fresh range, as after a reset. */
  newRun(): void {
    this.run = randomInt(1_000_000, 10_000_000);
    this.assets = 0;
  }

  /** `AS-dddd-dddd-dddd` */
  asset(): string {
    if (this.assets === 99_999) this.newRun();
    this.assets += 1;
    return `AS-${groups(`${this.run}${String(this.assets).padStart(5, '0')}`, 4)}`;
  }

  /** `PR-dddd-dddd-dddd-nnn` @param assetId whose number it repeats @param nth 1 for the first request of the asset */
  request(assetId: string, nth: number): string {
    return `PR-${assetId.slice(3)}-${String(nth).padStart(3, '0')}`;
  }

  /** `TC-dddd-dddd-dddd` */
  tierConfig(): string {
    return `TC-${this.twelve()}`;
  }

  /** `TCR-dddd-dddd-dddd-nnn` @param nth 1 for the first request of the configuration */
  tierConfigRequest(tierConfigId: string, nth: number): string {
    return `TCR-${tierConfigId.slice(3)}-${String(nth).padStart(3, '0')}`;
  }

  /** `TA-dddd-dddd-dddd` */
  tierAccount(): string {
    return `TA-${this.twelve()}`;
  }

  /** `CO-ddd-ddd-ddd` */
  conversation(): string {
    return `CO-${this.nine()}`;
  }

  /** `ME-ddd-ddd-ddd` */
  message(): string {
    return `ME-${this.nine()}`;
  }

  private twelve(): string {
    this.others += 1;
    return groups(`${this.run}${String(this.others % 100_000).padStart(5, '0')}`, 4);
  }

  private nine(): string {
    this.others += 1;
    return groups(String(100_000_000 + (this.others % 900_000_000)), 3);
  }
}

function groups(digits: string, size: number): string {
  const parts: string[] = [];
  for (let at = 0; at < digits.length; at += size) parts.push(digits.slice(at, at + size));
  return parts.join('-');
}
