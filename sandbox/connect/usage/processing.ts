import type { Account } from '../accounts';
import type { Store } from '../store';
import { usageTables } from './columns';
import * as lifecycle from './lifecycle';
import { emptyTally, type UsageFile, type Workbook } from './model';
import { judgeRows, type Judged } from './rows';
import { readSheets, type Read } from './sheets';

const LONGEST_DETAIL = 200;

/**
 * Take a workbook. The file is `uploading`, a moment later `processing`, and `ready` or `invalid` once the workbook is
 * read and the time that the settings ask for is over.
 *
 * @throws ConnectError 400 in a wrong state
 */
export function upload(store: Store, file: UsageFile, workbook: Workbook, by: Account): void {
  lifecycle.upload(store, file, workbook, by);
  const reading = begin(file, workbook);
  const { processingMs } = store.usageSettings;
  const end = Date.now() + processingMs;
  store.at(Date.now() + processingMs / 3, () => {
    lifecycle.move(store, file, 'processing', 'process', 'system');
    store.at(end, () => void finish(store, file, reading));
  });
}

/** Judge the same workbook again, as after an item was added. @throws ConnectError 400 in a wrong state */
export function reprocess(store: Store, file: UsageFile, by: Account): void {
  const { workbook } = file;
  lifecycle.reprocess(store, file, by);
  if (workbook === undefined) return;
  const reading = begin(file, workbook);
  store.at(Date.now() + store.usageSettings.processingMs, () => void finish(store, file, reading));
}

function begin(file: UsageFile, { content }: Workbook): Promise<Read> {
  file.records = [];
  file.categories = [];
  file.tally = emptyTally();
  file.errorDetail = '';
  return readSheets(content);
}

async function finish(store: Store, file: UsageFile, reading: Promise<Read>): Promise<void> {
  const read = await reading;
  const judged = 'trouble' in read ? read : await judgeRows(store, file, usageTables(read.sheets));
  if (store.usageFiles.get(file.id) !== file) return; // the sandbox was reset meanwhile
  const detail = keep(file, judged);
  file.errorDetail = detail.slice(0, LONGEST_DETAIL);
  lifecycle.move(store, file, detail === '' ? store.usageSettings.readyAs : 'invalid', 'processed', 'system');
}

/** Make the rows the file's own. @returns what is wrong with them, empty where nothing is */
function keep(file: UsageFile, judged: Judged): string {
  if ('trouble' in judged) return judged.trouble;
  const { records, categories, newItems } = judged;
  file.records = records;
  file.categories = categories;
  file.firstNumber = file.nextNumber;
  for (const record of records) {
    record.number = file.nextNumber;
    file.nextNumber += 1;
    file.tally[record.status] += 1;
  }
  const bad = records.find(({ problems }) => problems.length > 0);
  const [problem] = bad?.problems ?? [];
  if (bad === undefined || problem === undefined) {
    file.product.items.push(...newItems);
    return '';
  }
  const many = `${file.tally.invalid} of ${records.length} rows are invalid.`;
  return `Row ${bad.line}: ${problem.code} ${problem.text}. ${many}`;
}
