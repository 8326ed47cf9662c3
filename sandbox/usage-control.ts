import { setTimeout as pause } from 'node:timers/promises';
import type { PayAsYouGo } from './connect/product-model';
import type { ControlHttp, WaitOptions } from './control-http';
import type { TenantUsageSpec, UsageFileState, UsageRowState } from './control/usage';
import type { Usage } from './vendor-api/metering';

export type { TenantUsageSpec, Usage, UsageFileState, UsageRowState };

/** Usage files of a sandbox: what became of them, the distributor's word on them, and what the vendor counts. */
export class UsageControl {
  constructor(private readonly http: ControlHttp) {}

  /** All usage files, oldest first, deleted ones too. */
  async files(): Promise<UsageFileState[]> {
    return this.http.call('GET', '/usage');
  }

  /** The rows of a file, in the order of its workbook. */
  async rows(fileId: string): Promise<UsageRowState[]> {
    return this.http.call('GET', `/usage/${fileId}/rows`);
  }

  /** The vendor's ids of records that stand in more than one submitted file: what must not happen. */
  async doubled(): Promise<string[]> {
    return this.http.call('GET', '/usage/doubled');
  }

  /** The distributor accepts a file. @throws SandboxRefusal 400 unless it is `pending` */
  async accept(fileId: string, note?: string): Promise<UsageFileState> {
    return this.http.call('POST', `/usage/${fileId}/accept`, { note });
  }

  /** The distributor rejects a file. @throws SandboxRefusal 400 unless it is `pending` */
  async reject(fileId: string, note?: string): Promise<UsageFileState> {
    return this.http.call('POST', `/usage/${fileId}/reject`, { note });
  }

  /** The distributor closes a file with all its rows. @throws SandboxRefusal 400 unless it is `accepted` */
  async close(fileId: string, note?: string): Promise<UsageFileState> {
    return this.http.call('POST', `/usage/${fileId}/close`, { note });
  }

  /**
   * Wait until a file has one of the statuses.
   *
   * @param options statuses, default `invalid`, `pending`, `accepted`, `rejected`, `closed`, `deleted`
   * @returns the status
   * @throws Error with the timeline after `timeoutMs`, default 30 s
   */
  async untilSettled(fileId: string, options: WaitOptions = {}): Promise<string> {
    return this.http.untilStatus('usage', fileId, options);
  }

  /** Wait until all usage files together are as wanted. @throws Error after `timeoutMs`, default 30 s */
  async untilFiles(wanted: (files: UsageFileState[]) => boolean, timeoutMs = 30_000): Promise<UsageFileState[]> {
    const end = Date.now() + timeoutMs;
    for (;;) {
      const files = await this.files();
      if (wanted(files)) return files;
      if (Date.now() >= end) {
        const seen = files.map(({ id, status, product, contract }) => [id, status, product.id, contract.id].join(' '));
        throw new Error(`not as wanted after ${timeoutMs} ms: ${seen.join('; ') || 'no usage files'}`);
      }
      await pause(50);
    }
  }

  /** Change how a product reports usage. @param change null to switch it off */
  async setPayAsYouGo(
    productId: string,
    change: Partial<Pick<PayAsYouGo, 'schema' | 'dynamic'>> | null,
  ): Promise<void> {
    await this.http.call('PUT', `/products/${productId}/ppu`, change);
  }

  /** Say what the vendor counts of a tenant; anything may be said, wrong items and quantities too. */
  async setTenantUsage(spec: TenantUsageSpec): Promise<void> {
    await this.http.call('PUT', '/tenant-usage', spec);
  }

  /** All that the vendor's API gives out of a month, in one go. */
  async ofVendor(period: string): Promise<Usage[]> {
    return this.http.call('GET', `/tenant-usage?period=${period}`);
  }
}
