"""Webhooks: whom Connect calls."""

import json
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

from connect.client import R

from .sandbox import claims_in, refused, same

SECRET = 'a-secret-of-the-webhooks'


def webhook(sandbox, url='http://127.0.0.1:9/hook', **more):
    return {
        'type': 'event',
        'object_class': 'fulfillment_request',
        'label': 'watches the queue',
        'description': 'Tells that something is pending.',
        'product_id': sandbox.products['plain'],
        'external_url': url,
        'jwt_secret': SECRET,
        'active': True,
        'http_method': 'POST',
        'data': {},
        'headers': {},
        **more,
    }


@contextmanager
def listening():
    """Somebody whom Connect can call: the URL, and what was heard."""
    heard = []

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers['content-length']))
            heard.append((self.headers['authorization'], json.loads(body)))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_args):
            pass

    server = HTTPServer(('127.0.0.1', 0), Hook)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f'http://127.0.0.1:{server.server_port}/hook', heard
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def kept(sandbox):
    """A webhook is created, found by its product, changed and deleted."""
    webhooks = sandbox.vendor('notifications').webhooks
    made = webhooks.create(webhook(sandbox))
    assert made['id'].startswith('WH-'), made['id']
    written = ('type', 'object_class', 'label', 'external_url', 'jwt_secret', 'active', 'http_method')
    same({name: made[name] for name in written}, {name: webhook(sandbox)[name] for name in written})
    same(made['product']['id'], sandbox.products['plain'])
    other = webhooks.create(webhook(sandbox, product_id=sandbox.products['tiered']))
    same([one['id'] for one in webhooks.filter(R().product.id.in_([sandbox.products['tiered']]))], [other['id']])
    same(webhooks.filter(label='watches the queue', active=True).count(), 2)

    changed = webhooks[made['id']].update(webhook(sandbox, active=False, url='https://vendor.example/hook'))
    same((changed['id'], changed['active']), (made['id'], False))
    same(webhooks[made['id']].get()['external_url'], 'https://vendor.example/hook')
    same(webhooks[made['id']].delete(), None)
    refused(webhooks[made['id']].get, 404)


def refusals(sandbox):
    """A webhook without a label, a secret or a product, or of a kind that does not exist, is refused."""
    webhooks = sandbox.vendor('notifications').webhooks
    for wrong in (
        {'label': ''},
        {'label': 'x' * 101},
        {'jwt_secret': ''},
        {'product_id': 'PRD-999-999-999'},
        {'object_class': 'weather'},
        {'type': 'guess'},
        {'http_method': 'GET'},
    ):
        refused(lambda: webhooks.create(webhook(sandbox, **wrong)), 400)
    same(webhooks.all().count(), 0)


def rights(sandbox):
    """Webhooks are the vendor's."""
    made = sandbox.vendor('notifications').webhooks.create(webhook(sandbox))['id']
    theirs = sandbox.distributor('notifications').webhooks
    refused(lambda: theirs.create(webhook(sandbox)), 403)
    refused(lambda: theirs[made].update({'active': False}), 403)
    refused(theirs[made].delete, 403)


def triggered(sandbox):
    """A webhook that is triggered calls with a token of its own secret, names no request, and counts the call."""
    webhooks = sandbox.vendor('notifications').webhooks
    with listening() as (url, heard):
        made = webhooks.create(webhook(sandbox, url))['id']
        told = webhooks[made]('trigger').post()
        same((told['stats']['triggers'], told['stats']['success_triggers']), (1, 1))
    [(authorization, body)] = heard
    same(claims_in(authorization.removeprefix('Bearer '), SECRET)['webhook_id'], made)
    named = (body['webhook_id'], body['object_class'], body['product_id'])
    same(named, (made, 'fulfillment_request', sandbox.products['plain']))

    told = webhooks[made]('trigger').post()  # nobody listens any more
    same((told['stats']['triggers'], told['stats']['failure_triggers']), (2, 1))


CHECKS = [kept, refusals, rights, triggered]
