import type { FastifyInstance } from 'fastify';
import { assetRoutes } from './assets';
import { requireKey } from './authorization';
import { channelRoutes } from './channels';
import { conversationRoutes } from './conversations';
import { productActionRoutes } from './product-actions';
import { productRoutes } from './products';
import { requestRoutes } from './requests';
import type { Store } from './store';
import { templateRoutes } from './templates';
import { tierAccountRoutes } from './tier-accounts';
import { tierConfigRequestRoutes } from './tier-config-requests';
import { tierConfigRoutes } from './tier-configs';
import { usageRoutes } from './usage/routes';
import { tellOfPending } from './webhook-triggers';
import { webhookRoutes } from './webhooks';

/** Every collection of this Connect, below `/public/v1`. Each call needs a key. */
export function connectRoutes(app: FastifyInstance, store: Store): void {
  app.addHook('onRequest', requireKey);
  requestRoutes(app, store);
  assetRoutes(app, store);
  tierConfigRequestRoutes(app, store);
  tierConfigRoutes(app, store);
  tierAccountRoutes(app, store);
  productRoutes(app, store);
  productActionRoutes(app, store);
  templateRoutes(app, store);
  channelRoutes(app);
  conversationRoutes(app, store);
  usageRoutes(app, store);
  webhookRoutes(app, store);
  tellOfPending(store);
}
