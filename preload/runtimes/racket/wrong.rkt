#lang racket/base
(require ffi/unsafe)
(define libc (ffi-lib "libc" '("6")))
(displayln ((get-ffi-obj "labs" libc (_fun _int -> _long)) 5))
