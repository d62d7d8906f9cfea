// SPDX-License-Identifier: Apache-2.0
// One panel that cannot be drawn must not take the page with it: the guard shows what went wrong in
// its place and lets the others live.
import { Component, type ComponentChildren } from 'preact';

interface Props {
  name: string;
  children: ComponentChildren;
}

export class Guard extends Component<Props, { problem: string | null }> {
  override state = { problem: null };

  static override getDerivedStateFromError(error: unknown): { problem: string } {
    return { problem: error instanceof Error ? error.message : String(error) };
  }

  override render() {
    if (this.state.problem === null) return this.props.children;
    return (
      <div class="problem" data-state="broken" role="alert">
        <p class="problem-title">This panel cannot show what the program sent</p>
        <p>
          <code>{this.props.name}</code> · {this.state.problem}
        </p>
        <button type="button" onClick={() => this.setState({ problem: null })}>
          Try again
        </button>
      </div>
    );
  }
}
