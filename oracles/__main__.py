import libraries, compare_drgn, compare_abidw, round_trip, sys, time
from ours import describe
for l in sys.argv[1:] or libraries.LIBRARIES:
    t=time.time()
    ours=describe(l); exports=libraries.exports(l)
    print(l, 'describe', time.time()-t)
    rs=[compare_drgn.compare(l,ours,exports)]
    if l not in compare_abidw.LEFT_OUT: rs.append(compare_abidw.compare(l,ours))
    rs.append(round_trip.compare(l,ours))
    for r in rs:
        r.show(); print(dict(r.found_by),dict(r.not_comparable),dict(r.partly),len(r.whole)); 
        for k,v in r.named.items(): print('    ',v,k)
