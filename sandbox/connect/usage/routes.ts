import type { FastifyInstance } from 'fastify';
import type { Store } from '../store';
import { aggregateRoutes } from './aggregates';
import { usageTemplateRoutes } from './downloads';
import { usageFileRoutes } from './files';
import { reconciliationRoutes } from './reconciliations';
import { usageRecordRoutes } from './records';

/** Everything below `/usage`. */
export function usageRoutes(app: FastifyInstance, store: Store): void {
  usageFileRoutes(app, store);
  usageRecordRoutes(app, store);
  aggregateRoutes(app, store);
  reconciliationRoutes(app, store);
  usageTemplateRoutes(app, store);
}
