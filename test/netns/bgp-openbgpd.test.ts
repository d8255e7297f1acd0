import { testRouter } from './bgp/suite.ts'

testRouter('openbgpd')
