#!/usr/bin/env node
import { run } from './index';
import { vendor } from './vendor';

void run(vendor);
