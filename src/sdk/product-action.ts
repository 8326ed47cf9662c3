import type { Logger } from './request-context';

/**
 * Answers a product action: a button of the Connect portal that leads a person to the vendor, for example into a control panel.
 *
 * @returns the address to lead them to, `https://…` or `http://…`; undefined where there is no such action, or nothing to show
 */
export type ActionHook = (call: ActionCall) => Promise<string | undefined>;

/** Whoever holds the link may use it until it expires; Connect signed it. */
export interface ActionCall {
  /** The last part of the URL that the product has for the action. It is not signed: what differs in its rights goes by `actionId`. */
  readonly action: string;
  /** Connect's own id of the action, signed; undefined where Connect names none. */
  readonly actionId: string | undefined;
  /** `AS-…`, of an action on a subscription. */
  readonly assetId: string | undefined;
  /** `TC-…`, of an action on a reseller's configuration. */
  readonly configurationId: string | undefined;
  /** All that Connect signed. */
  readonly claims: Readonly<Record<string, unknown>>;
  /** Aborted when the time is over, after 10 s. Pass it to every call. */
  readonly signal: AbortSignal;
  readonly log: Logger;
}
