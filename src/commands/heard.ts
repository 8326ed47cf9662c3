import type { ReprocessAnswer } from '../temporal/request-runs';

/** What became of a `reprocess`, in a word. */
export function heard({ accepted, pending }: ReprocessAnswer): 'accepted' | 'asked' | 'refused' {
  if (accepted) return 'accepted';
  return pending ? 'asked' : 'refused';
}
