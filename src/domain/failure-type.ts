/**
 * Every type of failure that an activity reports, and what follows from it. The workflow branches on this alone, and
 * docs/errors.md has a section for each.
 */
export const FailureType = {
  CONNECT_UNAVAILABLE: 'ConnectUnavailable',
  CONNECT_THROTTLED: 'ConnectThrottled',
  CONNECT_AUTH: 'ConnectAuth',
  CONNECT_REJECTED: 'ConnectRejected',
  CONNECT_CONFLICT: 'ConnectConflict',
  CONNECT_CONTRACT: 'ConnectContract',
  CONNECT_GONE: 'ConnectGone',
  TEMPLATE_MISSING: 'TemplateMissing',
  PARAMETER_MISSING: 'ParameterMissing',
  VENDOR_FAULT: 'VendorFault',
  VENDOR_UNAVAILABLE: 'VendorUnavailable',
  VENDOR_TIMEOUT: 'VendorTimeout',
  VENDOR_CONTRACT: 'VendorContract',
  VENDOR_NOT_WRITTEN: 'VendorNotWritten',
  RELEASE_FAILED: 'ReleaseFailed',
  USAGE_REFUSED: 'UsageRefused',
  USAGE_UNREAD: 'UsageUnread',
  USAGE_INVALID: 'UsageInvalid',
  USAGE_REJECTED: 'UsageRejected',
  USAGE_MISMATCH: 'UsageMismatch',
  USAGE_UNSUBMITTED: 'UsageUnsubmitted',
  USAGE_DOUBLED: 'UsageDoubled',
  USAGE_NOT_SET_UP: 'UsageNotSetUp',
  USAGE_TOO_EARLY: 'UsageTooEarly',
  WORKER_LOST: 'WorkerLost',
  INTERNAL: 'Internal',
} as const;
export type FailureType = (typeof FailureType)[keyof typeof FailureType];

/** What a type of failure means for a run. */
export interface FailurePolicy {
  /** True where trying again cannot help by itself: the run is parked at once. False: tried on. */
  final: boolean;
  /** True where even a day later nothing is tried again by itself: somebody acts first. A usage file in Connect is looked at all the same. */
  untilAsked?: true;
  /** Who acts, and what they do. One sentence for the run's current details. */
  action: string;
}

/** @see docs/errors.md */
export const FAILURES: Record<FailureType, FailurePolicy> = {
  ConnectUnavailable: {
    final: false,
    action:
      'An operator checks CONNECT_API_URL and the proxy if it lasts: Connect, or the network to it, is expected back. What is parked by then goes on by `reprocess`.',
  },
  ConnectThrottled: {
    final: false,
    action:
      'An operator lowers CONNECT_REQUESTS_PER_SECOND if it lasts: Connect asked to slow down. What is parked by then goes on by `reprocess`.',
  },
  ConnectAuth: {
    final: false,
    action:
      'An operator checks CONNECT_API_KEY and the rights of its token in the Connect portal, then restarts the worker; what is parked by then goes on by `reprocess`.',
  },
  ConnectRejected: {
    final: true,
    action:
      'An operator reads what Connect refused, mends it in the Connect portal or in the handler, then sends `reprocess`.',
  },
  ConnectConflict: {
    final: true,
    action:
      'An operator looks at the request in the Connect portal: somebody else is changing it. Then send `reprocess`.',
  },
  ConnectContract: {
    final: true,
    action:
      'An operator reports the message to the maintainers: Connect answered in a form that this version cannot read.',
  },
  ConnectGone: {
    final: true,
    action:
      'Nobody needs to act for a request that no longer exists in Connect. Where it is a usage file, an operator finds out why, then sends `reprocess`: another is made.',
  },
  TemplateMissing: {
    final: true,
    action:
      'An operator creates the template in the Connect portal or names an existing one in the configuration, then sends `reprocess`.',
  },
  ParameterMissing: {
    final: true,
    action:
      'The vendor creates the parameter in the product, or corrects its id in the handler, then sends `reprocess`.',
  },
  VendorFault: {
    final: false,
    action:
      "The vendor's developer reads the error and its stack in the worker's log, and deploys a mend. The handler is called again by itself, and at once by `reprocess`.",
  },
  VendorUnavailable: {
    final: false,
    action:
      "An operator checks VENDOR_API_URL and the vendor's API if it lasts: it is expected back. What is parked by then goes on by `reprocess`.",
  },
  VendorTimeout: {
    final: false,
    action:
      "The vendor's developer finds out why the handler does not return in time, or gives it a longer timeLimitSeconds; what is parked by then goes on by `reprocess`.",
  },
  VendorContract: {
    final: true,
    action: "The vendor's developer corrects what the handler returns, deploys, then sends `reprocess`.",
  },
  VendorNotWritten: {
    final: true,
    action: 'The vendor writes the handler in the file named here, deploys, then sends `reprocess`.',
  },
  ReleaseFailed: {
    final: false,
    action:
      'The vendor mends `release`, or removes by hand what the purchase made, then an operator sends `reprocess`: what `find` finds no more counts as given back.',
  },
  UsageRefused: {
    final: true,
    untilAsked: true,
    action: 'The vendor corrects the records named here, then sends `reprocess`. Until then nothing is submitted.',
  },
  UsageUnread: {
    final: true,
    action:
      'An operator looks at the usage file in the Connect portal, and asks CloudBlue why it is not read. The run looks again each day, and sends nothing; `reprocess` gives it another day, and sends what Connect does not show.',
  },
  UsageInvalid: {
    final: true,
    action:
      'The vendor reads in the Connect portal which records Connect finds invalid, corrects them, then sends `reprocess`: a new workbook replaces the old one.',
  },
  UsageRejected: {
    final: true,
    action:
      'The vendor clears up with the distributor what was rejected, corrects the records, then sends `reprocess`: a new workbook goes into the same usage file.',
  },
  UsageMismatch: {
    final: true,
    action:
      'An operator compares the usage file in the Connect portal with `connect-processor usage report --dry-run`. Where the file is right, it is submitted in the portal; where the vendor is, `reprocess` replaces it.',
  },
  UsageUnsubmitted: {
    final: false,
    action:
      'Nobody needs to act at once: the run submits the usage file once more by itself, or by `reprocess`. If it lasts, an operator submits it in the Connect portal, or asks CloudBlue why it is not handed to the distributor.',
  },
  UsageDoubled: {
    final: true,
    untilAsked: true,
    action:
      'An operator terminates the run where the other file has all of it. Where it is wrong, the distributor rejects it, then `reprocess` is sent. Where both are right, the vendor sets `besideOtherFiles`.',
  },
  UsageNotSetUp: {
    final: true,
    action: 'An operator mends in the Connect portal what is named here, then sends `reprocess`.',
  },
  UsageTooEarly: {
    final: true,
    action:
      'Nobody needs to act where the month is the one that is meant: once it is over, the report begins by itself, or by `reprocess`. Otherwise an operator terminates the run.',
  },
  WorkerLost: {
    final: false,
    action:
      'An operator looks at why workers die if it lasts, at memory and deployments: one attempt is repeated. What is parked by then goes on by `reprocess`.',
  },
  Internal: {
    final: false,
    action:
      "An operator reads the error in the worker's log and reports it to the maintainers; what is parked by then goes on by `reprocess`.",
  },
};

/** @returns `Internal` for a type that no activity of ours reports, such as Temporal's own `ValueError` */
export function knownFailureType(type: string | null | undefined): FailureType {
  return failurePolicy(type) ? (type as FailureType) : FailureType.INTERNAL;
}

/** @returns undefined for a type that no activity of ours reports */
export function failurePolicy(type: string | null | undefined): FailurePolicy | undefined {
  return type && Object.hasOwn(FAILURES, type) ? FAILURES[type as FailureType] : undefined;
}
