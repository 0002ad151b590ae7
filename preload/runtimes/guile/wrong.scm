(use-modules (system foreign))
(define libc (dynamic-link "libc.so.6"))
(display ((pointer->procedure long (dynamic-func "labs" libc) (list int)) 5))
(newline)
