// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.alloc;

import io.diskplug.alloc.NewController;
import io.diskplug.domain.View;
import io.diskplug.internal.model.Controller;
import io.diskplug.internal.model.DomainView;
import io.diskplug.internal.model.DomainViews;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A domain as it would be with a controller that is to be plugged. */
public final class PluggedController {

  private PluggedController() {}

  /**
   * The domain with the controller.
   *
   * @param domain the domain
   * @param controller the controller
   */
  public static DomainViews in(DomainViews domain, NewController controller) {
    return new DomainViews(in(domain.live(), controller), in(domain.persistent(), controller));
  }

  private static @Nullable DomainView in(@Nullable DomainView view, NewController controller) {
    return view == null || !controller.views().contains(view.view())
        ? view
        : view.withConfigured(controllers(controller.added())).with(controller(controller));
  }

  /**
   * Controllers of a plan as a view would show them.
   *
   * @param planned the controllers of a plan
   */
  public static List<Controller> controllers(List<NewController> planned) {
    return planned.stream().map(PluggedController::controller).toList();
  }

  private static Controller controller(NewController planned) {
    return new Controller(
        planned.type(), planned.index(), planned.model(), planned.alias(), planned.address(), true);
  }

  /** PCI controllers that libvirt adds to the configuration, as a plan names them. */
  static List<NewController> planned(List<Controller> added) {
    return added.stream()
        .map(
            controller ->
                new NewController(
                    controller.type(),
                    controller.index(),
                    String.valueOf(controller.model()),
                    controller.alias(),
                    controller.address(),
                    List.of(),
                    Set.of(View.PERSISTENT)))
        .toList();
  }
}
