(print (sb-alien:alien-funcall (sb-alien:extern-alien "labs" (function sb-alien:long sb-alien:long)) -5))
(terpri)
