import { EventEmitter } from 'node:events';
import { requireTransition } from './state-machines';

export interface Transition {
  /** ISO 8601 with milliseconds. */
  at: string;
  action: string;
  from: string | null;
  to: string;
  by: string;
}

/**
 * What happened to every object: its transitions with their times, and how often an action took effect.
 *
 * An action that was refused leaves no trace here, so "approve: 1" proves that a request was approved once.
 */
export class Journal {
  private readonly transitions = new Map<string, Transition[]>();
  private effectCounts = new Map<string, Record<string, number>>();
  private readonly listeners: ((id: string, transition: Transition) => void)[] = [];
  private readonly moved = new EventEmitter().setMaxListeners(0);

  /** @throws Error for a transition that Connect does not have: a mistake in the sandbox */
  record(id: string, transition: Omit<Transition, 'at'>): void {
    requireTransition(id, transition.from, transition.to, transition.by);
    const entry = { at: new Date().toISOString(), ...transition };
    const entries = this.transitions.get(id);
    if (entries === undefined) this.transitions.set(id, [entry]);
    else entries.push(entry);
    this.moved.emit(id);
    for (const listener of this.listeners) listener(id, entry);
  }

  /** Tell somebody of each transition of any object. */
  onTransition(listener: (id: string, transition: Transition) => void): void {
    this.listeners.push(listener);
  }

  effect(id: string, action: string): void {
    const counts = this.effectCounts.get(id) ?? {};
    counts[action] = (counts[action] ?? 0) + 1;
    this.effectCounts.set(id, counts);
  }

  timeline(id: string): Transition[] {
    return this.transitions.get(id) ?? [];
  }

  /** By id of the object: action to number of times it took effect. */
  effects(): Record<string, Record<string, number>> {
    return Object.fromEntries(this.effectCounts);
  }

  effectsOf(id: string): Record<string, number> {
    return this.effectCounts.get(id) ?? {};
  }

  clearEffects(): void {
    this.effectCounts = new Map();
  }

  /** Forget everything; whoever waits is told to look again. */
  clear(): void {
    this.transitions.clear();
    this.clearEffects();
    for (const id of this.moved.eventNames()) this.moved.emit(id);
  }

  /**
   * Wait until an object satisfies a condition, looked at now and after each of its transitions.
   *
   * @returns whether it does; false after `timeoutMs`
   */
  async until(id: string, satisfied: () => boolean, timeoutMs: number): Promise<boolean> {
    if (satisfied()) return true;
    return new Promise((resolve) => {
      const finish = (result: boolean) => {
        clearTimeout(timer);
        this.moved.off(id, look);
        resolve(result);
      };
      const look = () => satisfied() && finish(true);
      const timer = setTimeout(() => finish(false), timeoutMs);
      timer.unref();
      this.moved.on(id, look);
    });
  }
}
