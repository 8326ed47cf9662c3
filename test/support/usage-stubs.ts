import type { ContractUsage, UploadResult, UsageFileLook, UsageFileStage } from '../../src/domain/usage';
import type { Stubs } from './stubbed-worker';

/** What the step answers that has uploaded; its workbook gets a name of its own. */
export interface Upload {
  kind: 'sent';
  fileId: string;
  usage: ContractUsage;
}

/** What a look may answer: all of it, or where the file stands alone, with the workbook that was uploaded last. */
export type Look = UsageFileStage | UsageFileLook;

/**
 * Connect, as far as a usage file's run sees it: each workbook that is uploaded is called `W-1`, `W-2` and so on, and a look shows the last one,
 * unless the test says that it shows another.
 */
export function inConnect(stubs: Stubs): Stubs {
  const { uploadUsage = () => ({ kind: 'sent', fileId: 'UF-1', usage }), readUsageStage = () => 'accepted' } = stubs;
  let workbooks = 0;
  return {
    ...stubs,
    uploadUsage: async (call): Promise<UploadResult> => {
      const answer = (await uploadUsage(call)) as UploadResult | Upload;
      return answer.kind === 'sent' ? { ...answer, workbook: `W-${++workbooks}` } : answer;
    },
    readUsageStage: async (call): Promise<UsageFileLook> => {
      const look = (await readUsageStage(call)) as Look;
      if (typeof look !== 'string') return look;
      return { stage: look, workbook: workbooks === 0 ? '' : `W-${workbooks}`, ...PROBLEMS[look] };
    },
  };
}

const PROBLEMS: Partial<Record<UsageFileStage, { problem: string }>> = {
  invalid: { problem: 'UF-1 is "invalid": 1 records are invalid.' },
  rejected: { problem: 'The distributor rejected UF-1: twice the usual' },
  gone: { problem: 'UF-1 does not exist in Connect (any more).' },
};

const usage: ContractUsage = { contractId: 'CRD-1', rows: 1, totals: {}, bad: 0 };
