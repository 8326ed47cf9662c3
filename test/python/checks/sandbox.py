"""The sandbox as the checks use it: a client for each account, and the control interface."""

import hashlib
import hmac
import json
import time
from base64 import urlsafe_b64decode
from urllib.request import ProxyHandler, Request, build_opener

from connect.client import ClientError, ConnectClient

DIRECT = build_opener(ProxyHandler({}))
PATIENCE_S = 15


class Sandbox:
    """:param products: name of a product to its id"""

    def __init__(self, connect, control, vendor_key, distributor_key, products):
        self.connect = connect
        self.control_url = control
        self.vendor_key = vendor_key
        self.vendor = self.client(vendor_key)
        self.distributor = self.client(distributor_key)
        self.products = products

    def client(self, key, **options):
        return ConnectClient(key, endpoint=self.connect, use_specs=False, **options)

    def control(self, method, path, body=None):
        """Ask the sandbox itself. It is no part of Connect."""
        data = None if body is None else json.dumps(body).encode()
        call = Request(f'{self.control_url}/{path}', data, {'Content-Type': 'application/json'}, method=method)
        with DIRECT.open(call) as answer:
            return json.loads(answer.read() or 'null')

    def order(self, **spec):
        """Place one order in short. Unless told otherwise it is a purchase of the plain product."""
        return self.orders(1, **spec)[0]

    def orders(self, count, **spec):
        if 'asset' not in spec:
            spec.setdefault('product', self.products['plain'])
        return self.control('POST', 'orders', {**spec, 'count': count})['requests']

    def subscription(self, **spec):
        """Id of a subscription that is active already."""
        spec.setdefault('product', self.products['plain'])
        return self.control('POST', 'subscriptions', spec)['subscriptions'][0]['asset']

    def answer(self, request, **params):
        """The customer, or the reseller, answers an inquiry."""
        return self.control('POST', 'answers', {'request': request, 'params': params})

    def template(self, product='plain', scope='asset', type='fulfillment'):
        """Id of the first template of its kind."""
        filters = {'scope': scope} if type is None else {'scope': scope, 'type': type}
        return self.vendor.products[self.products[product]].templates.filter(**filters).first()['id']

    def save(self, request, **params):
        """Write values of a fulfillment request, as the vendor."""
        values = [{'id': name, 'value': value} for name, value in params.items()]
        return self.vendor.requests[request].update({'asset': {'params': values}})

    def approve(self, request, product='plain'):
        """Give the request what it must have, and approve it."""
        self.save(request, subscription_id='S-1')
        return self.vendor.requests[request]('approve').post({'template_id': self.template(product)})

    def asset_status(self, asset):
        return self.vendor.assets[asset].get()['status']


def same(actual, expected):
    assert actual == expected, f'expected {expected!r}, got {actual!r}'


def param_of(params, name):
    return next(param for param in params if param['id'] == name)


def refused(call, status, code=None, text=None):
    """The call has to be refused in this way. Gives the error back, for a look at more of it."""
    try:
        answer = call()
    except ClientError as error:
        same(error.status_code, status)
        assert isinstance(error.error_code, str) and error.error_code, f'no error code: {error!r}'
        assert isinstance(error.errors, list) and error.errors, f'no list of errors: {error!r}'
        if code is not None:
            same(error.error_code, code)
        if text is not None:
            same(error.errors, [text])
        return error
    raise AssertionError(f'expected {status}, but it was done: {answer!r}')


def claims_in(token, secret):
    """What a token says; None where it is not signed with the secret, by HS256."""

    def decoded(part):
        return urlsafe_b64decode(part + '=' * (-len(part) % 4))

    head, claims, signature = token.split('.')
    own = hmac.new(secret.encode(), f'{head}.{claims}'.encode(), hashlib.sha256).digest()
    if json.loads(decoded(head))['alg'] != 'HS256' or decoded(signature) != own:
        return None
    return json.loads(decoded(claims))


def until(ask, *wanted):
    """Ask until the answer is one of those that are wanted."""
    end = time.monotonic() + PATIENCE_S
    while True:
        last = ask()
        if last in wanted:
            return last
        assert time.monotonic() < end, f'waited in vain for {wanted}, the last answer is {last!r}'
        time.sleep(0.05)


def sentence_of(check):
    return check.__doc__.strip().rstrip('.')
