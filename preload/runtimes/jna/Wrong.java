import com.sun.jna.*;

public class Wrong {
    public interface Libc extends Library {
        NativeLong labs(int value);
    }

    public static void main(String[] arguments) {
        System.out.println(Native.load("libc.so.6", Libc.class).labs(5));
    }
}
