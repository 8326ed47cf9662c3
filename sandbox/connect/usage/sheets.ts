import { Worker } from 'node:worker_threads';

/** A date is one that the sheet has formatted as a date; texts that look like one stay texts. */
export type CellValue = string | number | boolean | Date | null;

export interface Sheet {
  name: string;
  rows: CellValue[][];
}

export type Read = { sheets: Sheet[] } | { trouble: string };

/** What the reader sends: rows of a sheet, many times; at the end that it is done, or what stopped it. */
type Message = { sheet: string; rows: CellValue[][] } | { trouble: string } | 'done';

// A large workbook takes seconds, in which the sandbox goes on answering: the library runs in a thread of its own, and
// nothing else does. Rows come in portions, since taking over all of them at once takes seconds too.
const READER = `
  const { parentPort, workerData } = require('node:worker_threads');
  require(workerData.library)(Buffer.from(workerData.workbook)).then(
    (sheets) => {
      for (const { sheet, data } of sheets) {
        for (let at = 0; at === 0 || at < data.length; at += 2000) {
          parentPort.postMessage({ sheet, rows: data.slice(at, at + 2000) });
        }
      }
      parentPort.postMessage('done');
    },
    (error) => parentPort.postMessage({ trouble: String(error.message) }),
  );
`;

/** The sheets of a workbook. A file that is no workbook is trouble, not an error. */
export async function readSheets(workbook: Buffer): Promise<Read> {
  const library = require.resolve('read-excel-file/node');
  const sheets = new Map<string, Sheet>();
  return new Promise((resolve) => {
    const worker = new Worker(READER, { eval: true, workerData: { library, workbook } });
    worker.unref();
    worker.on('message', (message: Message) => {
      if (message === 'done') resolve({ sheets: [...sheets.values()] });
      else if ('trouble' in message) resolve(message);
      else addRows(sheets, message.sheet, message.rows);
    });
    worker.once('error', (error) => resolve({ trouble: error.message }));
    worker.once('exit', () => resolve({ trouble: 'The workbook cannot be read.' }));
  });
}

function addRows(sheets: Map<string, Sheet>, name: string, rows: CellValue[][]): void {
  const sheet = sheets.get(name);
  if (sheet === undefined) sheets.set(name, { name, rows });
  else for (const row of rows) sheet.rows.push(row);
}
