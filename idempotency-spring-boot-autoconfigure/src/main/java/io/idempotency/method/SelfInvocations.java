package io.idempotency.method;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Method;
import java.util.Set;
import java.util.TreeSet;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.asm.ClassReader;
import org.springframework.asm.ClassVisitor;
import org.springframework.asm.FieldVisitor;
import org.springframework.asm.MethodVisitor;
import org.springframework.asm.Opcodes;
import org.springframework.asm.SpringAsmInfo;
import org.springframework.asm.Type;
import org.springframework.util.ClassUtils;

/**
 * Finds the calls of a class to its own methods. They do not go through the proxy of the
 * bean and are therefore not protected. A class with a field of its own type is ignored,
 * because it may call the method on that object, which may be its own bean.
 */
final class SelfInvocations {

	private static final Log logger = LogFactory.getLog(SelfInvocations.class);

	private SelfInvocations() {
	}

	/**
	 * Returns the methods of a class that call the given method directly.
	 * @param type the class
	 * @param called the method that should be called through the bean
	 * @return the names of the methods that call it directly
	 */
	static Set<String> of(Class<?> type, Method called) {
		try (InputStream bytes = type.getResourceAsStream(ClassUtils.getClassFileName(type))) {
			if (bytes == null) {
				return Set.of();
			}
			Calls calls = new Calls(Type.getInternalName(type), called.getName(), Type.getMethodDescriptor(called));
			new ClassReader(bytes).accept(calls, ClassReader.SKIP_DEBUG | ClassReader.SKIP_FRAMES);
			return calls.holdsItself ? Set.of() : calls.callers;
		}
		catch (IOException | RuntimeException ex) {
			logger.debug("The calls of " + type.getName() + " cannot be analyzed", ex);
			return Set.of();
		}
	}

	private static final class Calls extends ClassVisitor {

		private final String owner;

		private final String method;

		private final String descriptor;

		private final Set<String> callers = new TreeSet<>();

		private boolean holdsItself;

		Calls(String owner, String method, String descriptor) {
			super(SpringAsmInfo.ASM_VERSION);
			this.owner = owner;
			this.method = method;
			this.descriptor = descriptor;
		}

		@Override
		public @Nullable FieldVisitor visitField(int access, String name, String fieldDescriptor,
				@Nullable String signature, @Nullable Object value) {
			this.holdsItself |= fieldDescriptor.equals("L" + this.owner + ";")
					|| (signature != null && signature.contains("L" + this.owner + ";"));
			return null;
		}

		@Override
		public MethodVisitor visitMethod(int access, String name, String methodDescriptor, @Nullable String signature,
				String @Nullable [] exceptions) {
			return new MethodVisitor(SpringAsmInfo.ASM_VERSION) {

				@Override
				public void visitMethodInsn(int opcode, String callOwner, String callName, String callDescriptor,
						boolean isInterface) {
					if (opcode == Opcodes.INVOKEVIRTUAL && callOwner.equals(Calls.this.owner)
							&& callName.equals(Calls.this.method) && callDescriptor.equals(Calls.this.descriptor)) {
						Calls.this.callers.add(name.startsWith("lambda$") ? name.split("\\$")[1] : name);
					}
				}

			};
		}

	}

}
