(print (sb-alien:alien-funcall (sb-alien:extern-alien "labs" (function sb-alien:long sb-alien:int)) 5))
(terpri)
