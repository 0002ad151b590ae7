import com.sun.jna.*;

public class Right {
    public interface Libc extends Library {
        interface Compare extends Callback {
            int invoke(Pointer one, Pointer other);
        }
        NativeLong labs(NativeLong value);
        void qsort(Pointer base, NativeLong count, NativeLong size, Compare compare);
    }

    public static void main(String[] arguments) {
        Libc libc = Native.load("libc.so.6", Libc.class);
        Memory numbers = new Memory(12);
        numbers.write(0, new int[] {3, 1, 2}, 0, 3);
        Libc.Compare compare = (one, other) -> one.getInt(0) - other.getInt(0);
        libc.qsort(numbers, new NativeLong(3), new NativeLong(4), compare);
        System.out.println(libc.labs(new NativeLong(-5)) + " " + numbers.getInt(0));
    }
}
